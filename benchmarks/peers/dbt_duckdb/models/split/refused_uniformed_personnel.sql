{{ config(post_hook=write_rows('refused', 'uniformed_personnel')) }}
select cycle, _row, {{ names('uniformed_personnel') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_uniformed_personnel') }}
where reasons <> ''
