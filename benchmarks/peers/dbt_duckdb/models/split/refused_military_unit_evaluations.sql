{{ config(post_hook=write_rows('refused', 'military_unit_evaluations')) }}
select cycle, _row, {{ names('military_unit_evaluations') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_military_unit_evaluations') }}
where reasons <> ''
