"""From a commit to production: the repository, releases and the pipeline that carries them out."""
