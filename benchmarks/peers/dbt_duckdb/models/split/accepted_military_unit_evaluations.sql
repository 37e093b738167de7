{{ config(post_hook=write_rows('accepted', 'military_unit_evaluations')) }}
select cycle, _row, {{ names('military_unit_evaluations') | join(', ') }}
from {{ ref('checked_military_unit_evaluations') }}
where reasons = ''
