// Duplicati's options that are not there yet.

/** Duplicati's options that people are likely to bring along: refused by name rather than passed over. */
export const notYet: ReadonlySet<string> = new Set(
  `allow-full-removal filter
   disable-filetime-check check-filetime-only changed-files deleted-files allow-missing-source
   abort-if-source-missing prevent-empty-source auto-vacuum
   no-backend-verification list-verify-uploads upload-verification-file auto-cleanup
   rebuild-missing-dblock-files quota-size quota-warning-threshold remote-file-lock-duration snapshot-policy
   block-hash-algorithm file-hash-algorithm encryption-module aes-version compression-module
   zip-compression-method zip-compression-library index-file-policy parity-module asynchronous-upload-limit
   synchronous-upload asynchronous-upload-folder throttle-upload throttle-download
   concurrency-max-threads cpu-intensity use-background-io-priority
   skip-restore-verification restore-symlink-metadata restore-with-local-blocks
   allow-restore-outside-target-directory restore-all-files restore-legacy no-local-db log-file
   log-file-log-level console-log-level suppress-warnings send-mail-to send-mail-from send-mail-url
   send-mail-level send-http-url run-script-before run-script-after run-script-before-required backup-name
   backup-id secret-provider ssh-key ssh-accept-any-fingerprints ssh-keepalive`.split(/\s+/),
)
