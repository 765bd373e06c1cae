"""What production hangs on besides images: settings, secrets, flags, schemas, certificates, jobs."""
