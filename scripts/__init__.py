"""Programs that make parts of the repository; none is needed to use Cellwright."""
