{{ config(post_hook=write_rows('refused', 'noticas')) }}
select cycle, _row, {{ names('noticas') | join('__raw, ') }}__raw, reasons
from {{ ref('checked_noticas') }}
where reasons <> ''
