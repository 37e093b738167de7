{{ config(post_hook=write_table('mission, rating', true)) }}
select cycle, mission, rating, count(*) as evaluations
from {{ ref('accepted_fpu_evaluations') }}
group by all
