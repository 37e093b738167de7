{{ checked('noticas', [
  ('type_is_given_where_others_have_one', 'type_of_casualty', 'warning', "type_of_casualty is null and count(type_of_casualty) over (partition by cycle) > 0"),
  ('incident_is_not_in_the_future', 'incident_date', 'critical', "incident_date > coalesce(last_update, received_on)"),
  ('incident_is_not_before_the_mission_began', 'incident_date', 'warning', "incident_date < mission_start"),
  ('incident_is_not_long_after_the_mission_ended', 'incident_date', 'info', "incident_date > mission_end"),
]) }}
