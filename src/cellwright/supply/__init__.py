"""Who makes it, who may use it, and what happens when it may no longer be had."""
