{% macro load_excel() %}{% if execute and var('excel', '') %}load '{{ var("excel") }}'{% else %}select 1{% endif %}{% endmacro %}

{# Copies of a table's accepted or refused rows, or of what was found, a file a cycle. #}
{% macro write_rows(kind, table) %}
  {% set hooks = [] %}
  {% for cycle in (4, 5) %}
    {% do hooks.append("copy (select * exclude cycle from {{ this }} where cycle = " ~ cycle ~ " order by _row) to '" ~ var('out') ~ "/cycle-0" ~ cycle ~ "/" ~ kind ~ "/" ~ table ~ ".parquet' (format parquet, compression zstd)") %}
  {% endfor %}
  {{ return(hooks) }}
{% endmacro %}

{# Copies of a curated table of cycle 5, as Parquet and CSV. #}
{% macro write_table(order, cycle_too=false) %}
  {% set what = "select * " ~ ("" if cycle_too else "exclude cycle ") ~ "from {{ this }} where cycle = 5 order by " ~ order %}
  {% set to = var('out') ~ "/tables/{{ this.name }}" %}
  {{ return([
    "copy (" ~ what ~ ") to '" ~ to ~ ".parquet' (format parquet, compression zstd)",
    "copy (" ~ what ~ ") to '" ~ to ~ ".csv' (format csv, header)",
  ]) }}
{% endmacro %}
