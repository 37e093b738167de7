{{ config(post_hook=write_rows('accepted', 'fpu_evaluations')) }}
select cycle, _row, {{ names('fpu_evaluations') | join(', ') }}
from {{ ref('checked_fpu_evaluations') }}
where reasons = ''
