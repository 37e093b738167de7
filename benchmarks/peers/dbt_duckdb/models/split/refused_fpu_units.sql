{{ config(post_hook=write_rows('refused', 'fpu_units')) }}
select cycle, _row, {{ names('fpu_units') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_fpu_units') }}
where reasons <> ''
