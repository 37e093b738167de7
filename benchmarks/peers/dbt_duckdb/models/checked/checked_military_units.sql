{{ checked('military_units', [
  ('military_unit_is_in_a_peacekeeping_operation', 'mission', 'warning', "mission_kind <> 'peacekeeping operation'"),
]) }}
