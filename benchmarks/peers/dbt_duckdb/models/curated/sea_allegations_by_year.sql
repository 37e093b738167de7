{{ config(post_hook=write_table('year_reported, incident_year')) }}
with counted as (
  select cycle, year_reported, incident_year, count(*) as allegations
  from {{ ref('allegations') }}
  where category = 'SEA'
  group by all
)
select cycle, year_reported, incident_year, coalesce(allegations, 0) as allegations
from (select distinct cycle, year_reported from counted)
cross join (values ('current'), ('previous'), ('other'), ('unknown')) as kinds(incident_year)
left join counted using (cycle, year_reported, incident_year)
