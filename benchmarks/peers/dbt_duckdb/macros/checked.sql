{# A table of both cycles: read as text, typed, each rule a column that says whether the row breaks it. #}
{% macro checked(table, business_rules) %}
  {% set said = contract(table) %}
  {% set rules = column_rules(said.columns) %}
  {% do rules.append(('row_is_listed_once', said.key[-1], 'critical', 'copy > 1 and ' ~ said.key | join(' is not null and ') ~ ' is not null')) %}
  {% if said.parent %}
    {% do rules.append(('unit_id_is_one_of_' ~ said.parent, 'unit_id', 'critical', 'found is null and mission is not null and unit_id is not null')) %}
    {% do rules.append(('evaluation_date_is_in_the_cycle', 'evaluation_date', 'critical', 'not evaluation_date between cycle_start and cycle_end')) %}
  {% endif %}
  {% set rules = rules + business_rules %}
with raw as (
  {% for cycle, file in var('files')[said.source].items() %}
  {{ 'union all' if not loop.first }}
  select {{ cycle }} as cycle, date '{{ file.received }}' as received_on, row_number() over () + 1 as _row,
    {% for c in said.columns %}"{{ c.header }}" as {{ c.name }}__raw{{ ',' if not loop.last }}{% endfor %}
  from {{ reader(file.path, said.sheet) }}
  {% endfor %}
),
stripped as (
  select *, {% for c in said.columns %}
    nullif(trim(regexp_replace({{ c.name }}__raw, '[\s\x{a0}\x{2007}\x{202f}\x{feff}]+', ' ', 'g')), '') as {{ c.name }}__text{{ ',' if not loop.last }}{% endfor %}
  from raw
),
typed as (
  select stripped.*, {% for c in said.columns %}{{ as_type(c) }} as {{ c.name }}, {% endfor %}
    missions.kind as mission_kind, missions.first_day as mission_start, missions.last_day as mission_end,
    cycles.first_day as cycle_start, cycles.last_day as cycle_end, cycles.second_quarter
    {% set of = said.columns | selectattr('of', 'defined') | map(attribute='of') | first %}
    {% if of %}, countries.m49 as m49__expected, countries.iso3 as iso3__expected{% endif %}
  from stripped
  left join {{ fact('spellings') }} as spellings on spellings.spelling = upper(mission__text)
  left join {{ fact('missions') }} as missions on missions.mission = spellings.mission
  left join {{ fact('cycles') }} as cycles on cycles.cycle = stripped.cycle
  {% if of %}left join {{ fact('countries') }} as countries on countries.spelling = lower({{ of }}__text){% endif %}
),
numbered as (
  select typed.*, row_number() over (partition by cycle, {{ said.key | join(', ') }} order by _row) as copy
    {% if said.parent %}, found{% endif %}
  from typed
  {% if said.parent %}left join (
    select distinct cycle, mission, unit_id, true as found from {{ ref('accepted_' ~ said.parent) }}
  ) as units using (cycle, mission, unit_id){% endif %}
),
flagged as (
  select *, {% for rule in rules %}coalesce({{ rule[3] }}, false) as {{ rule[0] }}{{ ',' if not loop.last }}
  {% endfor %}
  from numbered
)
select *,
  array_to_string(list_filter([{% for rule in rules | sort(attribute='0') if rule[2] == 'critical' %}
    case when {{ rule[0] }} then '{{ rule[0] }}' end{{ ',' if not loop.last }}{% endfor %}
  ], rule -> rule is not null), '; ') as reasons,
  list_filter([{% for rule in rules %}
    case when {{ rule[0] }} then {'rule': '{{ rule[0] }}', 'column': '{{ rule[1] }}', 'severity': '{{ rule[2] }}'} end{{ ',' if not loop.last }}{% endfor %}
  ], rule -> rule is not null) as failed
from flagged
{% endmacro %}

{% macro reader(path, sheet) %}
  {%- if path.endswith('.csv') -%} read_csv('{{ path }}', all_varchar = true, header = true)
  {%- else -%} read_xlsx('{{ path }}', all_varchar = true, header = true{% if sheet %}, sheet = '{{ sheet }}'{% endif %}){%- endif -%}
{% endmacro %}

{# Missions, countries, cycles and targets, as run.py writes them. #}
{% macro fact(name) %}
  {%- set types = {
    'missions': "'mission': 'varchar', 'first_day': 'date', 'last_day': 'date', 'reports': 'boolean'",
    'spellings': "'spelling': 'varchar', 'mission': 'varchar'",
    'countries': "'spelling': 'varchar', 'm49': 'varchar', 'iso3': 'varchar'",
    'cycles': "'cycle': 'integer', 'first_day': 'date', 'last_day': 'date'",
    'targets': "'category': 'varchar', 'target_pct': 'double', 'target_derived': 'boolean'",
  } -%}
  read_csv('{{ var("facts") }}/{{ name }}.csv', header = true, types = {{ '{' ~ types[name] ~ '}' }})
{%- endmacro %}

{% macro as_type(c) %}
  {%- set t = c.name ~ '__text' -%}
  {%- if c.type == 'date' -%}
    coalesce(
      try_cast(regexp_extract({{ t }}, '^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}.*)?$', 1) as date)
      {%- if c.epoch %},
      epoch_ms(try_cast(regexp_extract({{ t }}, '^(-?\d{9,}|0)(\.0)?$', 1) as bigint))::date
      {%- else %},
      -- a workbook's day is a number
      date '1899-12-30' + try_cast(regexp_extract({{ t }}, '^(\d{1,6})(\.\d+)?$', 1) as integer)
      {%- endif %})
  {%- elif c.type == 'count' -%}
    coalesce(
      case when regexp_full_match({{ t }}, '[+-]?\d+') then try_cast({{ t }} as bigint) end,
      case when try_cast({{ bare(t) }} as double) = round(try_cast({{ bare(t) }} as double)) then try_cast({{ bare(t) }} as double)::bigint end)
  {%- elif c.type == 'mission' -%} spellings.mission
  {%- elif c.type == 'yes_no' -%}
    case when lower({{ t }}) in ('y', 'yes', 'oui', 'o', 'x', 'true', '1', '✓') then true
         when lower({{ t }}) in ('n', 'no', 'non', 'false', '0', 'none') then false end
  {%- elif c.type == 'm49' -%} nullif(lpad(regexp_extract({{ t }}, '^(\d{1,3})(\.0+)?$', 1), 3, '0'), '000')
  {%- elif c.type == 'iso3' -%} upper({{ t }})
  {%- elif c.one_of -%}
    case lower({{ t }}) {% for word in c.one_of %}when '{{ word | lower }}' then '{{ word }}' {% endfor %}else {{ t }} end
  {%- else -%} {{ t }}
  {%- endif -%}
{% endmacro %}

{% macro bare(t) %}case when regexp_full_match({{ t }}, $$-?\d{1,3}([, ']\d{3})+(\.\d+)?$$) then regexp_replace({{ t }}, $$[, ']$$, '', 'g') else {{ t }} end{% endmacro %}

{% test passes(model, rule) %}select cycle, _row from {{ model }} where {{ rule }}{% endtest %}
