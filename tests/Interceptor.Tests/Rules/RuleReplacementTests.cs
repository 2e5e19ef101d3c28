using Middlebox.Interceptor.Rules;

namespace Middlebox.Interceptor.Tests.Rules;

[Parallelizable(ParallelScope.All)]
public sealed class RuleReplacementTests
{
    // Between two transactions a SYN would pass that is not remembered, and its answer would not be queued.
    [Test]
    public void Removal_installation_and_adaptation_of_a_table_are_one_transaction() => Assert.That(
        RuleReplacement.Of(
            "*mangle\n-F MBX-QUEUE\n-X MBX-QUEUE\nCOMMIT\n",
            "*raw\n:MBX-RAW-PRE - [0:0]\nCOMMIT\n*mangle\n:MBX-QUEUE - [0:0]\n:MBX-REMEMBER - [0:0]\n-A FORWARD -j MBX-REMEMBER\nCOMMIT\n",
            "*mangle\n:MBX-REMEMBER - [0:0]\n-A MBX-REMEMBER -j SET\nCOMMIT\n"),
        Is.EqualTo("""
            *raw
            :MBX-RAW-PRE - [0:0]
            COMMIT
            *mangle
            -F MBX-QUEUE
            -X MBX-QUEUE
            :MBX-QUEUE - [0:0]
            :MBX-REMEMBER - [0:0]
            -A FORWARD -j MBX-REMEMBER
            -A MBX-REMEMBER -j SET
            COMMIT

            """));
}
