{{ config(post_hook=write_table('year, cause')) }}
select cycle, year, cause, count(*) as deaths
from {{ ref('casualties') }}
where in_scope and incident_date >= date '2017-01-01'
group by all
