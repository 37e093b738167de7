{{ config(post_hook=write_rows('accepted', 'uniformed_personnel')) }}
select cycle, _row, {{ names('uniformed_personnel') | join(', ') }}
from {{ ref('checked_uniformed_personnel') }}
where reasons = ''
