{{ checked('military_unit_evaluations', [
  ('a_poor_rating_has_a_plan', 'improvement_plan', 'warning', "rating in ('Unsatisfactory', 'Satisfactory with shortfalls') and not improvement_plan"),
  ('unit_evaluation_is_not_in_the_future', 'evaluation_date', 'critical', "evaluation_date > received_on"),
]) }}
