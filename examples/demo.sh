# The main job: the reference runtime is clean and its paths are proved, an ungoverned service is refused.
# Usage, from the top folder: sh examples/demo.sh COMMAND
linter=$1

run() { # the exit status that the command must have, and its arguments
    expected=$1
    shift
    echo "\$ phase12-lint $*"
    "$linter" "$@"
    status=$?
    echo
    if [ $status -ne "$expected" ]; then
        echo "phase12-lint $*: exit status $status where $expected was expected" >&2
        exit 1
    fi
}

echo "1. The reference runtime: API -> AnalysisService -> JobManagementService -> PluginManagementService -> ToolRunner -> plugin.run()"
echo
run 0 check reference_runtime
echo "2. The proof: every path to a plugin run, call by call."
echo
run 0 paths
echo "3. An ungoverned service, after a year of shortcuts. No line of it says 'plugin.run('."
echo
run 1 check --root examples/ungoverned
echo "The first is clean and proved (exit status 0), the last is refused (exit status 1)."
echo "Why, and how to fix it: .venv/bin/phase12-lint explain GOV101"
