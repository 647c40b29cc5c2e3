-- A worker that hangs in a transaction must lose its locks before the group gives its partitions away (session timeout 10 s).
SELECT set_config('synchronous_commit', 'on', false),
  set_config('idle_in_transaction_session_timeout', '8000', false),
  set_config('statement_timeout', $1, false),
  set_config('lock_timeout', $2, false)
