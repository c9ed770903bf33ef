# Checks the two example projects: the governed one is clean, its twin is not.
# Usage, from the top folder: sh examples/demo.sh COMMAND
linter=$1

check() { # folder, the exit status it must have
    echo "\$ phase12-lint check --root $1"
    "$linter" check --root "$1"
    status=$?
    echo
    if [ $status -ne "$2" ]; then
        echo "$1: exit status $status where $2 was expected" >&2
        exit 1
    fi
}

echo "1. Governed: API -> AnalysisService -> JobManagementService -> PluginManagementService -> ToolRunner -> plugin.run()"
echo
check examples/governed 0
echo "2. Ungoverned: the same service after a year of short cuts. No line of it says 'plugin.run('."
echo
check examples/ungoverned 1
echo "The first is clean (exit status 0), the second is refused (exit status 1)."
echo "Why, and how to mend it: .venv/bin/phase12-lint explain GOV101"
