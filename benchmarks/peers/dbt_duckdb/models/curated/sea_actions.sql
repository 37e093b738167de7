{{ config(post_hook=write_table('action_taken')) }}
select cycle, coalesce(action_taken, 'Pending') as action_taken, count(*) as allegations
from {{ ref('allegations') }}
where category = 'SEA' and status = 'Substantiated' and year_reported >= 2010
group by all
