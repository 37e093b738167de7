{{ config(post_hook=write_table('mission', true)) }}
select cycle, mission, units, coalesce(units_evaluated, 0) as units_evaluated,
  coalesce(units_evaluated_twice, 0) as units_evaluated_twice, coalesce(evaluations, 0) as evaluations
from (
  select cycle, mission, count(distinct unit_id) as units
  from {{ ref('accepted_fpu_units') }}
  group by all
)
left join (
  select cycle, mission, count(*) as units_evaluated, count(*) filter (where times >= 2) as units_evaluated_twice,
    sum(times)::bigint as evaluations
  from (select cycle, mission, unit_id, count(*) as times from {{ ref('accepted_fpu_evaluations') }} group by all)
  group by cycle, mission
) using (cycle, mission)
