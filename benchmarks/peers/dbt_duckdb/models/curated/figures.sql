{{ config(post_hook=write_table('figure, mission', true)) }}
with newest as (
  select cycle, max(last_update) as as_of from {{ ref('casualties') }} group by cycle
),
deaths as (
  select casualties.*, as_of
  from {{ ref('casualties') }} as casualties join newest using (cycle)
  where in_scope and incident_date between date '2017-01-01' and as_of
),
counted as (
  select cycle, as_of, mission, count(*) as fatalities_total,
    count(*) filter (where cause = 'Malicious Act') as fatalities_malicious,
    count(*) filter (where cause = 'Illness') as fatalities_illness,
    count(*) filter (where cause = 'Accident') as fatalities_accident
  from deaths
  group by all
),
by_mission as (
  {% for figure in ('fatalities_total', 'fatalities_malicious', 'fatalities_illness', 'fatalities_accident') %}
  select cycle, '{{ figure }}' as figure, mission, {{ figure }} as value, as_of from counted where {{ figure }} > 0 union all
  {% endfor %}
  {% for figure, table, value in (
    ('fpus', 'fpu_evaluations_by_mission', 'units'),
    ('fpu_evaluations', 'fpu_evaluations_by_mission', 'evaluations'),
    ('military_unit_evaluations', 'military_unit_evaluations_by_mission', 'evaluations'),
  ) %}
  select t.cycle, '{{ figure }}', mission, {{ value }}, last_day
  from {{ ref(table) }} as t join {{ fact('cycles') }} as c on c.cycle = t.cycle {{ 'union all' if not loop.last }}
  {% endfor %}
),
now as (
  select cycle, figure, mission, value::double as value, as_of from by_mission union all
  select cycle, figure, 'ALL', sum(value)::double, as_of from by_mission group by cycle, figure, as_of union all
  {% for figure, cause in (('fatalities_illness_share', 'Illness'), ('fatalities_malicious_share', 'Malicious Act')) %}
  select cycle, '{{ figure }}', 'ALL', floor(100 * count(*) filter (where cause = '{{ cause }}') / count(*) + 0.5), as_of
  from deaths group by cycle, as_of union all
  {% endfor %}
  {% for figure, table in (
    ('sea_allegations', 'sea_allegations_yearly'),
    ('serious_misconduct', 'serious_misconduct_by_year'),
  ) %}
  select t.cycle, '{{ figure }}', 'ALL', sum(allegations)::double, make_date(c.year, 12, 31)
  from {{ ref(table) }} as t join {{ fact('cycles') }} as c on c.cycle = t.cycle and t.year_reported = c.year
  group by t.cycle, c.year {{ 'union all' if not loop.last }}
  {% endfor %}
)
select now.cycle, now.figure, now.mission, now.value, before.value as previous, round(now.value - before.value, 6) as change, now.as_of
from now
left join now as before on before.cycle = now.cycle - 1 and before.figure = now.figure and before.mission = now.mission
