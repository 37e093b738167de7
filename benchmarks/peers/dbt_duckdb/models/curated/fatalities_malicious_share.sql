{{ config(post_hook=write_table('year')) }}
select cycle, year, count(*) as deaths, count(*) filter (where cause = 'Malicious Act') as malicious_deaths,
  round_even(100 * malicious_deaths / deaths, 2) as malicious_pct
from {{ ref('casualties') }}
where in_scope and incident_date >= date '2017-01-01'
group by cycle, year
