{{ config(post_hook=write_rows('findings', 'conduct_allegations')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_conduct_allegations') }} where len(failed) > 0)
