{{ config(post_hook=write_rows('accepted', 'military_units')) }}
select cycle, _row, {{ names('military_units') | join(', ') }}
from {{ ref('checked_military_units') }}
where reasons = ''
