{{ config(post_hook=write_rows('findings', 'military_unit_evaluations')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_military_unit_evaluations') }} where len(failed) > 0)
