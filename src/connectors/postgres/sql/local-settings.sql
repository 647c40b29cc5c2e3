-- Only for the transaction that has begun: behind a pooler the session is somebody else's afterwards. A worker that hangs in a
-- transaction must lose its locks before the group gives its partitions away (session timeout 10 s).
SELECT set_config('synchronous_commit', 'on', true),
  set_config('idle_in_transaction_session_timeout', '8000', true),
  set_config('statement_timeout', '%statement%', true),
  set_config('lock_timeout', '%lock%', true)
