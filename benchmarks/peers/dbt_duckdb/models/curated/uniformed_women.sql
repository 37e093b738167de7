{{ config(post_hook=write_table('month, category')) }}
with deployed as (
  select cycle, last_day(last_reporting_date) as month,
    case personnel_type
      when 'Troops' then 'Military contingents'
      when 'Experts on Mission' then 'Military observers and staff officers'
      when 'Staff Officers' then 'Military observers and staff officers'
      when 'Formed Police Units' then 'Formed police units'
      when 'Individual Police' then 'Individual police officers' end as category,
    sum(female_personnel)::bigint as women, (sum(female_personnel) + sum(male_personnel))::bigint as personnel
  from {{ ref('accepted_uniformed_personnel') }}
  semi join (select mission from {{ fact('missions') }} where reports) using (mission)
  group by all
)
select cycle, month, deployed.category, women, personnel, round_even(100 * women / personnel, 2) as women_pct,
  target_pct::double as target_pct, target_derived, round_even(women_pct - target_pct, 2) as gap_points
from deployed
left join {{ fact('targets') }} as targets on targets.category = deployed.category and targets.year = year(month)
