{{ config(post_hook=write_rows('accepted', 'fpu_units')) }}
select cycle, _row, {{ names('fpu_units') | join(', ') }}
from {{ ref('checked_fpu_units') }}
where reasons = ''
