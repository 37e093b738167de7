{{ checked('fpu_evaluations', [
  ('quarter_is_that_of_the_date', 'quarter', 'warning', "evaluation_date between cycle_start and cycle_end and quarter = case when evaluation_date < second_quarter then 'Q2' else 'Q1' end"),
  ('an_evaluation_that_needs_improvement_has_a_plan', 'improvement_plan', 'warning', "rating in ('Unsatisfactory', 'Needs improvement') and not improvement_plan"),
  ('fpu_evaluation_is_not_in_the_future', 'evaluation_date', 'critical', "evaluation_date > received_on"),
]) }}
