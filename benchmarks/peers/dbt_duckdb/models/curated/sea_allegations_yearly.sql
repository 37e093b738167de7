{{ config(post_hook=write_table('year_reported')) }}
select cycle, year_reported, count(*) as allegations
from {{ ref('allegations') }}
where category = 'SEA'
group by all
