using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation;

/// <summary>One method, callable with JSON: binds the parameters, calls a compiled delegate, writes the result.</summary>
internal sealed class MethodInvoker
{
    private readonly ServiceContract.Method _method;
    private readonly ParameterBinder _binder;
    private Call? _call;

    public MethodInvoker(ServiceContract service, ServiceContract.Method method)
    {
        Name = $"{service.Description.Name}/{method.Description.Name}";
        _method = method;
        _binder = new ParameterBinder(Name, method.Parameters);
    }

    /// <summary>The service and the method.</summary>
    public string Name { get; }

    public MethodDescription Description => _method.Description;

    private delegate ValueTask<CallOutcome> Call(object target, ParameterSlot[] slots, CancellationToken cancellationToken);

    /// <summary>Calls the method on a grain or on a reference to it. What the method throws, this throws.</summary>
    public ValueTask<CallOutcome> Invoke(object target, RawJson parameters, CancellationToken cancellationToken)
    {
        var slots = _binder.Rent();
        if (_binder.Bind(slots, parameters.Utf8.Span) is { } error)
        {
            _binder.Return(slots);
            return new(error);
        }

        // The call copies the values into the method's arguments before it returns.
        try
        {
            // At the method's first call: the node's first one would wait for all methods. Two at once compile the same.
            return (_call ??= Compile(_method))(target, slots, cancellationToken);
        }
        finally
        {
            _binder.Return(slots);
        }
    }

    // (target, slots, token) => Complete(((IContract)target).Method(((ParameterSlot<T0>)slots[0]).Value, …, token))
    private static Call Compile(ServiceContract.Method method)
    {
        var target = Expression.Parameter(typeof(object));
        var slots = Expression.Parameter(typeof(ParameterSlot[]));
        var token = Expression.Parameter(typeof(CancellationToken));
        var index = 0;
        var arguments = method.Info.GetParameters().Select(parameter => parameter.ParameterType == typeof(CancellationToken)
            ? (Expression)token
            : Expression.Field(
                Expression.Convert(Expression.ArrayIndex(slots, Expression.Constant(index++)), typeof(ParameterSlot<>).MakeGenericType(parameter.ParameterType)),
                nameof(ParameterSlot<>.Value)));
        var call = Expression.Call(Expression.Convert(target, method.Info.DeclaringType!), method.Info, arguments);
        return Expression.Lambda<Call>(Complete(call, method.Info.ReturnType), target, slots, token).Compile();
    }

    private static MethodCallExpression Complete(Expression call, Type returnType)
    {
        var name = returnType.Name.StartsWith(nameof(ValueTask), StringComparison.Ordinal) ? nameof(CompleteValueTask) : nameof(CompleteTask);
        if (!returnType.IsGenericType)
        {
            return Expression.Call(typeof(MethodInvoker), name, [], call);
        }

        var result = returnType.GetGenericArguments()[0];
        var info = WireJson.Options.GetTypeInfo(result);
        return Expression.Call(typeof(MethodInvoker), name, [result], call, Expression.Constant(info, typeof(JsonTypeInfo<>).MakeGenericType(result)));
    }

    private static ValueTask<CallOutcome> CompleteTask(Task task) => CompleteValueTask(new ValueTask(task));

    private static ValueTask<CallOutcome> CompleteTask<T>(Task<T> task, JsonTypeInfo<T> info) => CompleteValueTask(new ValueTask<T>(task), info);

    private static ValueTask<CallOutcome> CompleteValueTask(ValueTask task)
    {
        return task.IsCompletedSuccessfully ? new(RawJson.Null) : Awaited(task);

        static async ValueTask<CallOutcome> Awaited(ValueTask task)
        {
            await task;
            return RawJson.Null;
        }
    }

    private static ValueTask<CallOutcome> CompleteValueTask<T>(ValueTask<T> task, JsonTypeInfo<T> info)
    {
        return task.IsCompletedSuccessfully ? new(Write(task.GetAwaiter().GetResult(), info)) : Awaited(task, info);

        static async ValueTask<CallOutcome> Awaited(ValueTask<T> task, JsonTypeInfo<T> info) => Write(await task, info);
    }

    private static CallOutcome Write<T>(T value, JsonTypeInfo<T> info) => new RawJson(JsonSerializer.SerializeToUtf8Bytes(value, info));
}
