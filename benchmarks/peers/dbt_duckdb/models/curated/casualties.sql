select c.cycle, casualty_id, incident_date, year(incident_date) as year, c.mission, cause, personnel_type, gender, last_update,
  coalesce(m.kind = 'peacekeeping operation', false) and coalesce(type_of_casualty = 'Fatality', count(type_of_casualty) over (partition by c.cycle) = 0) as in_scope
from {{ ref('accepted_noticas') }} as c
left join {{ fact('missions') }} as m using (mission)
