#!/usr/bin/env bash
# Northwind over two replicas of every service of an earlier version, replaced on the way by those of this one (docs/operations.md).
#   upgrade-check.sh [COMMIT]    a tag or commit of this repository; the one in build/previous-release when none is named
set -euo pipefail
cd "$(dirname "$0")/.."
commit=${1:-$(cat build/previous-release)}
git cat-file -e "$commit^{commit}" 2>/dev/null || {
    echo "The history of this checkout does not have $commit; where it is a shallow one: git fetch --unshallow" >&2
    exit 1
}
folder=artifacts/version-before
git worktree prune
rm -rf "$folder"
git worktree add --quiet --detach --force "$folder" "$commit"
trap 'git worktree remove --force "$folder"' EXIT
build/engine.sh start
images=$(build/images.sh rabbitmq postgres)
eval "$images"
for tree in "$folder" .; do
    echo "Building $(git -C "$tree" rev-parse --short HEAD) ..."
    dotnet build "$tree/tests/EndToEnd.Tests" --configuration Release --verbosity quiet --nologo $([ "$tree" = . ] || echo --property:RunAnalyzers=false)
done
VERSION_BEFORE=$PWD/$folder/tests/EndToEnd.Tests/bin/Release/net10.0 \
    dotnet tests/EndToEnd.Tests/bin/Release/net10.0/HubSpotBus.EndToEnd.Tests.dll -noColor -explicit only -class '*UpgradeTests'
