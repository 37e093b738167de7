{{ config(post_hook=write_rows('refused', 'conduct_allegations')) }}
select cycle, _row, {{ names('conduct_allegations') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_conduct_allegations') }}
where reasons <> ''
