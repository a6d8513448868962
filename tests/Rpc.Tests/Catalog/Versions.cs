using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Tests.Catalog;

// Each is another version of one service. The data of each is its own, of the same names.
internal static class Versions
{
    public static ServiceSignature Signature(Type contract) => ServiceContract.ReadAsCaller(contract).Description.Signature!;
}

public enum Size
{
    Small,
    Large,
}

public enum MoreSizes
{
    Small,
    Large,
    Huge,
}

public sealed record Address(string Street, string? Floor = null);

public sealed record AddressWithTown(string Street, string? Floor = null, string Town = "none");

public sealed record AddressNeedsTown(string Street, string Town, string? Floor = null);

public sealed record AddressOnFloor(string Street, string Floor);

public sealed record Node(string Name, IReadOnlyList<Node> Children);

public sealed record OtherNode(string Name, IReadOnlyList<OtherNode> Children, long Size = 0);

public sealed record NumberedNode(int Name, IReadOnlyList<NumberedNode> Children);

public interface IBase : IService
{
    Task<Address> Send(string to, int weight);
}

public interface ISame : IService
{
    Task<Address> Send(string to, int weight, CancellationToken cancellationToken);
}

public interface IOptionalAtTheEnd : IService
{
    Task<Address> Send(string to, int weight, string note = "none", long? times = null);
}

public interface IRequiredAtTheEnd : IService
{
    Task<Address> Send(string to, int weight, string note);
}

public interface IOptionalInTheMiddle : IService
{
    Task<Address> Send(string to, string note = "none", int weight = 1);
}

public interface IRenamedParameter : IService
{
    Task<Address> Send(string recipient, int weight);
}

public interface IWiderParameter : IService
{
    Task<Address> Send(string to, long weight);
}

public interface IMadeOptional : IService
{
    Task<Address> Send(string to, int weight = 1);
}

public interface INullableParameter : IService
{
    Task<Address> Send(string? to, int weight);
}

public interface IOtherResult : IService
{
    Task<string> Send(string to, int weight);
}

public interface INoResult : IService
{
    Task Send(string to, int weight);
}

public interface IResultWithMore : IService
{
    Task<AddressWithTown> Send(string to, int weight);
}

public interface IResultThatNeedsMore : IService
{
    Task<AddressNeedsTown> Send(string to, int weight);
}

public interface IResultNeverNull : IService
{
    Task<AddressOnFloor> Send(string to, int weight);
}

public interface ITakesAddress : IService
{
    Task Send(IReadOnlyList<Address> to);
}

public interface ITakesAddressWithTown : IService
{
    Task Send(IReadOnlyList<AddressWithTown> to);
}

public interface ITakesAddressThatNeedsTown : IService
{
    Task Send(IReadOnlyList<AddressNeedsTown> to);
}

public interface ITakesAddressOnFloor : IService
{
    Task Send(IReadOnlyList<AddressOnFloor> to);
}

public interface ITakesSize : IService
{
    Task Send(Dictionary<string, Size> sizes);
}

public interface ITakesMoreSizes : IService
{
    Task Send(Dictionary<string, MoreSizes> sizes);
}

public interface ITree : IService
{
    Task<Node> Send(Node root);
}

public interface ITreeWithMore : IService
{
    Task<OtherNode> Send(OtherNode root);
}

public interface ITreeOfNumbers : IService
{
    Task<NumberedNode> Send(NumberedNode root);
}
