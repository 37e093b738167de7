{# What each table holds: column, header in the file, type, and what is demanded of it. #}
{% macro contract(table) %}
  {% set ratings = ['Satisfactory', 'Satisfactory with shortfalls', 'Unsatisfactory'] %}
  {% set scale = ['Unsatisfactory', 'Needs improvement', 'Below average', 'Average', 'Above average', 'Very good', 'Outstanding'] %}
  {% set contracts = {
    'noticas': {'source': 'noticas', 'key': ['casualty_id'], 'columns': [
      {'name': 'casualty_id', 'header': 'casualty_id', 'type': 'text', 'required': true},
      {'name': 'incident_date', 'header': 'incident_date', 'type': 'date', 'required': true, 'epoch': true},
      {'name': 'mission', 'header': 'mission_acronym', 'type': 'mission', 'required': true},
      {'name': 'type_of_casualty', 'header': 'type_of_casualty', 'type': 'text', 'one_of': ['Fatality', 'Injury']},
      {'name': 'cause', 'header': 'type_of_incident', 'type': 'text', 'required': true, 'one_of': ['Malicious Act', 'Illness', 'Accident', 'Self-Inflicted', 'To Be Determined', 'Unknown']},
      {'name': 'personnel_type', 'header': 'casualty_personnel_type', 'type': 'text', 'one_of': ['Military', 'Military Observer', 'Police', 'International Civilian', 'Local', 'Other']},
      {'name': 'gender', 'header': 'gender', 'type': 'text', 'one_of': ['M', 'F']},
      {'name': 'nationality', 'header': 'casualty_nationality', 'type': 'text'},
      {'name': 'm49_code', 'header': 'm49_code', 'type': 'm49', 'of': 'nationality'},
      {'name': 'iso_alpha3', 'header': 'isocode3', 'type': 'iso3', 'of': 'nationality'},
      {'name': 'last_update', 'header': 'last_update', 'type': 'date', 'epoch': true},
      {'name': 'record_id', 'header': 'id', 'type': 'text'},
    ]},
    'uniformed_personnel': {'source': 'uniformed_personnel', 'key': ['contributing_country', 'mission', 'personnel_type', 'last_reporting_date'], 'columns': [
      {'name': 'contribution_id', 'header': 'contribution_id', 'type': 'text'},
      {'name': 'contributing_country', 'header': 'contributing_country', 'type': 'text', 'required': true},
      {'name': 'iso_alpha3', 'header': 'isocode3', 'type': 'iso3', 'of': 'contributing_country'},
      {'name': 'm49_code', 'header': 'm49_code', 'type': 'm49', 'of': 'contributing_country'},
      {'name': 'mission', 'header': 'mission_acronym', 'type': 'mission', 'required': true},
      {'name': 'personnel_type', 'header': 'personnel_type', 'type': 'text', 'required': true, 'one_of': ['Troops', 'Formed Police Units', 'Individual Police', 'Experts on Mission', 'Staff Officers']},
      {'name': 'female_personnel', 'header': 'female_personnel', 'type': 'count', 'required': true, 'at_least': 0},
      {'name': 'male_personnel', 'header': 'male_personnel', 'type': 'count', 'required': true, 'at_least': 0},
      {'name': 'last_reporting_date', 'header': 'last_reporting_date', 'type': 'date', 'required': true, 'epoch': true},
    ]},
    'conduct_allegations': {'source': 'conduct_allegations', 'sheet': '', 'key': ['allegation_id'], 'columns': [
      {'name': 'allegation_id', 'header': 'Allegation ID', 'type': 'text', 'required': true},
      {'name': 'category', 'header': 'Category', 'type': 'text', 'required': true, 'one_of': ['SEA', 'Other serious misconduct']},
      {'name': 'mission', 'header': 'Mission', 'type': 'mission', 'required': true},
      {'name': 'date_reported', 'header': 'Date reported', 'type': 'date', 'required': true},
      {'name': 'incident_from', 'header': 'Incident from', 'type': 'date'},
      {'name': 'incident_to', 'header': 'Incident to', 'type': 'date'},
      {'name': 'personnel_category', 'header': 'Personnel category', 'type': 'text', 'one_of': ['Military', 'Police', 'Civilian']},
      {'name': 'status', 'header': 'Status', 'type': 'text', 'one_of': ['Pending', 'Substantiated', 'Unsubstantiated', 'Other']},
      {'name': 'action_taken', 'header': 'Action taken', 'type': 'text', 'one_of': ['Repatriation', 'Separation', 'Dismissal', 'Suspension', 'Barred from service', 'Jail', 'Demotion', 'None', 'Pending', 'Not applicable']},
    ]},
    'military_units': {'source': 'military_unit_evaluations', 'sheet': 'Units', 'key': ['unit_id'], 'columns': [
      {'name': 'unit_id', 'header': 'Unit ID', 'type': 'text', 'required': true},
      {'name': 'mission', 'header': 'Mission', 'type': 'mission', 'required': true},
      {'name': 'contributing_country', 'header': 'Contributing country', 'type': 'text', 'required': true},
      {'name': 'unit_type', 'header': 'Unit type', 'type': 'text'},
    ]},
    'military_unit_evaluations': {'source': 'military_unit_evaluations', 'sheet': 'Evaluations', 'key': ['unit_id', 'evaluation_date'], 'parent': 'military_units', 'columns': [
      {'name': 'unit_id', 'header': 'Unit ID', 'type': 'text', 'required': true},
      {'name': 'mission', 'header': 'Mission', 'type': 'mission', 'required': true},
      {'name': 'evaluation_date', 'header': 'Date of evaluation', 'type': 'date', 'required': true},
      {'name': 'rating', 'header': 'Rating', 'type': 'text', 'required': true, 'one_of': ratings},
      {'name': 'improvement_plan', 'header': 'Improvement plan', 'type': 'yes_no'},
    ]},
    'fpu_units': {'source': 'fpu_evaluations', 'sheet': 'Units', 'key': ['unit_id'], 'columns': [
      {'name': 'unit_id', 'header': 'Unit ID', 'type': 'text', 'required': true},
      {'name': 'mission', 'header': 'Mission', 'type': 'mission', 'required': true},
      {'name': 'contributing_country', 'header': 'Contributing country', 'type': 'text', 'required': true},
    ]},
    'fpu_evaluations': {'source': 'fpu_evaluations', 'sheet': 'Evaluations', 'key': ['unit_id', 'evaluation_date'], 'parent': 'fpu_units', 'columns': [
      {'name': 'unit_id', 'header': 'Unit ID', 'type': 'text', 'required': true},
      {'name': 'mission', 'header': 'Mission', 'type': 'mission', 'required': true},
      {'name': 'quarter', 'header': 'Quarter', 'type': 'text', 'required': true, 'one_of': ['Q1', 'Q2']},
      {'name': 'evaluation_date', 'header': 'Date of evaluation', 'type': 'date', 'required': true},
      {'name': 'rating', 'header': 'Rating', 'type': 'text', 'required': true, 'one_of': scale},
      {'name': 'improvement_plan', 'header': 'Performance improvement plan', 'type': 'yes_no'},
    ]},
  } %}
  {{ return(contracts[table]) }}
{% endmacro %}

{% macro names(table) %}{{ return(contract(table).columns | map(attribute='name') | list) }}{% endmacro %}

{# The rules on single columns, as (rule, column, severity, SQL that is true of the rows that break it). #}
{% macro column_rules(columns) %}
  {% set edge = '[ \\t\\r\\n\\x{a0}]' %}
  {% set found = [] %}
  {% for c in columns %}
    {% set n, t = c.name, c.name ~ '__text' %}
    {% if c.required %}{% do found.append((n ~ '_is_given', n, 'critical', t ~ ' is null')) %}{% endif %}
    {% if c.type in ('count', 'date', 'yes_no', 'mission', 'm49') %}
      {% do found.append((n ~ '_is_a_' ~ c.type, n, 'warning' if c.type == 'm49' else 'critical', n ~ ' is null and ' ~ t ~ ' is not null')) %}
    {% endif %}
    {% if c.type == 'text' %}
      {% do found.append((n ~ '_has_no_spaces_around_it', n, 'info', t ~ " is not null and regexp_matches(" ~ n ~ "__raw, '^" ~ edge ~ '|' ~ edge ~ "$')")) %}
    {% endif %}
    {% if c.one_of %}
      {% do found.append((n ~ '_is_one_of_the_list', n, 'critical', n ~ " not in ('" ~ c.one_of | join("', '") ~ "')")) %}
    {% endif %}
    {% if c.at_least is defined %}{% do found.append((n ~ '_is_in_range', n, 'critical', n ~ ' < ' ~ c.at_least)) %}{% endif %}
    {% if c.of %}
      {% do found.append((n ~ '_is_of_the_' ~ c.of, n, 'warning', n ~ ' <> ' ~ c.type ~ '__expected')) %}
      {% do found.append((n ~ '_is_there', n, 'info', t ~ ' is null')) %}
    {% endif %}
    {% if c.type == 'm49' %}
      {% do found.append((n ~ '_is_written_as_text', n, 'info', t ~ " is not null and not regexp_matches(" ~ n ~ "__raw, '^" ~ edge ~ '*\\d{3}' ~ edge ~ "*$')")) %}
    {% endif %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}
