{{ config(post_hook=write_table('mission', true)) }}
select cycle, mission, units, coalesce(units_evaluated, 0) as units_evaluated, coalesce(evaluations, 0) as evaluations
from (
  select cycle, mission, count(distinct unit_id) as units
  from {{ ref('accepted_fpu_units') }}
  group by all
)
left join (
  select cycle, mission, count(distinct unit_id) as units_evaluated, count(*) as evaluations
  from {{ ref('accepted_fpu_evaluations') }}
  group by all
) using (cycle, mission)
