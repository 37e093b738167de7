{{ config(post_hook=write_rows('findings', 'noticas')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_noticas') }} where len(failed) > 0)
