-- An application that begins anew has written nothing yet, as far as its positions tell.
DELETE FROM weir_positions WHERE application = $1 AND cluster_id = $2
