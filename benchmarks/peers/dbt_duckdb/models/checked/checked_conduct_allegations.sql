{{ checked('conduct_allegations', [
  ('incident_ends_after_it_begins', 'incident_to', 'critical', "incident_to < incident_from"),
  ('report_follows_the_incident', 'date_reported', 'critical', "date_reported < incident_from"),
  ('report_is_not_in_the_future', 'date_reported', 'critical', "date_reported > received_on"),
]) }}
