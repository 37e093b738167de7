{{ config(post_hook=write_rows('refused', 'fpu_evaluations')) }}
select cycle, _row, {{ names('fpu_evaluations') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_fpu_evaluations') }}
where reasons <> ''
