select a.cycle, allegation_id, category, mission, year(date_reported) as year_reported, status, action_taken,
  year(coalesce(incident_to, incident_from)) as ended,
  case when ended is null then 'unknown'
       when year_reported - ended <= 0 then 'current'
       when year_reported - ended = 1 then 'previous'
       else 'other' end as incident_year
from {{ ref('accepted_conduct_allegations') }} as a
semi join (select mission from {{ fact('missions') }} where in_conduct_data) using (mission)
