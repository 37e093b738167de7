{{ config(post_hook=write_rows('findings', 'uniformed_personnel')) }}
select cycle, _row, found."column", found.rule, found.severity
from (select cycle, _row, unnest(failed) as found from {{ ref('checked_uniformed_personnel') }} where len(failed) > 0)
