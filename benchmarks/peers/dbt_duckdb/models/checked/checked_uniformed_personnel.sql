{{ checked('uniformed_personnel', [
  ('month_is_not_in_the_future', 'last_reporting_date', 'critical', "last_reporting_date > received_on"),
  ('mission_was_deployed', 'last_reporting_date', 'warning', "last_reporting_date < mission_start"),
]) }}
