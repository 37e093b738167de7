{{ config(post_hook=write_rows('findings', 'fpu_units')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_fpu_units') }} where len(failed) > 0)
