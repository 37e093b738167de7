{{ checked('fpu_evaluations', [
  ('an_evaluation_that_needs_improvement_has_a_plan', 'improvement_plan', 'warning', "rating in ('Unsatisfactory', 'Needs improvement') and not improvement_plan"),
  ('fpu_evaluation_is_not_in_the_future', 'evaluation_date', 'critical', "evaluation_date > received_on"),
]) }}
