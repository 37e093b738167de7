{{ config(post_hook=write_rows('findings', 'fpu_evaluations')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_fpu_evaluations') }} where len(failed) > 0)
