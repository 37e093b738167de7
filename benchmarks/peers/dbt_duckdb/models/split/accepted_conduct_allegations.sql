{{ config(post_hook=write_rows('accepted', 'conduct_allegations')) }}
select cycle, _row, {{ names('conduct_allegations') | join(', ') }}
from {{ ref('checked_conduct_allegations') }}
where reasons = ''
