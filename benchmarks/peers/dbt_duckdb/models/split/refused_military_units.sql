{{ config(post_hook=write_rows('refused', 'military_units')) }}
select cycle, _row, {{ names('military_units') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_military_units') }}
where reasons <> ''
