{{ config(post_hook=write_rows('accepted', 'noticas')) }}
select cycle, _row, {{ names('noticas') | join(', ') }}
from {{ ref('checked_noticas') }}
where reasons = ''
